# A tenant in memory, behind stand-ins for Microsoft's modules. As the real ones, they are script modules: their functions do not see a
# script's $ErrorActionPreference. They refuse parameters that the real cmdlets do not have (cmdlets.txt), and fail on request.
$ErrorActionPreference = 'Stop'
$script:Tenant = $null

# Writes the modules into a directory that PSModulePath has.
function New-StandInModules {
    param([string]$Directory)
    $lines = Get-Content (Join-Path $PSScriptRoot 'cmdlets.txt') | Where-Object { $_ -and $_ -notlike '#*' }
    foreach ($module in $lines | Group-Object { $_.Split(' ')[0] }) {
        $folder = New-Item -ItemType Directory -Path (Join-Path $Directory $module.Name)
        $functions = @()
        $text = foreach ($line in $module.Group) {
            $words = $line.Split(' ')
            $functions += $words[1]
            $parameters = @($words | Select-Object -Skip 2 | ForEach-Object { if ($_.EndsWith('?')) { "[switch]`$$($_.TrimEnd('?'))" } else { "`$$_" } }) -join ', '
            "function $($words[1]) { [CmdletBinding(PositionalBinding = `$false)] param($parameters) try { Invoke-StandIn '$($words[1])' `$PSBoundParameters } catch { Write-Error -Message `$_.Exception.Message } }"
        }
        Set-Content -Path (Join-Path $folder "$($module.Name).psm1") -Value $text
        New-ModuleManifest -Path (Join-Path $folder "$($module.Name).psd1") -RootModule "$($module.Name).psm1" -ModuleVersion '3.10.1' -FunctionsToExport $functions
    }
}

# Writes a script with the settings that tls-uplift writes at its top (TenantScript.java).
function Write-TenantScript {
    param([string]$Folder, [string]$Kind, [string]$Tenant = 'contoso.onmicrosoft.com', [string]$Name = 'TLS Uplift', [string[]]$Mailboxes = 'scanner@contoso.com',
        [string[]]$Protocols = 'smtp', [string]$Flow = 'application', [string]$Cloud = 'Global', [string]$Certificate = 'AQID', [bool]$Secret = $false, [string[]]$KeepAccess = @(), [string[]]$Known = @())
    $right = if ($Flow -eq 'application') { @{ smtp = 'SMTP.SendAsApp'; imap = 'IMAP.AccessAsApp'; pop3 = 'POP.AccessAsApp' } } else { @{ smtp = 'SMTP.Send'; imap = 'IMAP.AccessAsUser.All'; pop3 = 'POP.AccessAsUser.All' } }
    $list = { param($words) '@(' + (@($words | ForEach-Object { "'$_'" }) -join ', ') + ')' }
    $settings = @(
        "`$Tenant = '$Tenant'", "`$Name = '$Name'", "`$Mailboxes = $(& $list $Mailboxes)", "`$KeepAccess = $(& $list $KeepAccess)", "`$Protocols = $(& $list $Protocols)",
        "`$Permissions = $(& $list @($Protocols | ForEach-Object { $right[$_] }))", "`$Flow = '$Flow'", "`$GraphEnvironment = '$Cloud'",
        "`$ExchangeEnvironment = 'O365Default'", "`$NewSecret = `$$Secret", "`$CertificateLabel = '$(if ($Certificate) { "TLS Uplift $Certificate" })'",
        "`$CertificateStart = '2026-01-01T00:00:00Z'", "`$CertificateEnd = '2027-01-01T00:00:00Z'", "`$CertificateData = '$Certificate'",
        "`$KnownCertificates = $(& $list $Known)"
    ) -join "`n"
    $resources = Join-Path $PSScriptRoot '../../main/resources/org/tlsuplift/server/init'
    $null = New-Item -ItemType Directory -Force -Path $Folder
    $file = Join-Path $Folder "tls-uplift-tenant-$Kind.ps1"
    $common = Get-Content -Raw (Join-Path $resources 'tenant-common.ps1')
    Set-Content -Path $file -Value (Get-Content -Raw (Join-Path $resources "tenant-$Kind.ps1")).Replace("#COMMON#`n", $common).Replace("#SETTINGS#`n", "$settings`n")
    $file
}

function New-Id { [Guid]::NewGuid().ToString() }

function New-Tenant {
    $exchange = @{
        Id = New-Id; AppId = '00000002-0000-0ff1-ce00-000000000000'; DisplayName = 'Office 365 Exchange Online'
        AppRoles = @('SMTP.SendAsApp', 'IMAP.AccessAsApp', 'POP.AccessAsApp' | ForEach-Object { [pscustomobject]@{ Id = New-Id; Value = $_; AllowedMemberTypes = @('Application') } })
    }
    $graph = @{
        Id = New-Id; AppId = '00000003-0000-0000-c000-000000000000'; DisplayName = 'Microsoft Graph'
        Oauth2PermissionScopes = @('SMTP.Send', 'IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'offline_access', 'openid', 'profile' | ForEach-Object { [pscustomobject]@{ Id = New-Id; Value = $_ } })
    }
    $script:Tenant = @{
        Id = 'aaaaaaaa-1111-2222-3333-444444444444'
        Domain = 'contoso.onmicrosoft.com'
        Account = 'admin@contoso.onmicrosoft.com'
        Applications = @(); Owners = @{}; Principals = @([pscustomobject]$exchange, [pscustomobject]$graph); AppRoleAssignments = @()
        ExchangePrincipals = @(); Mailboxes = @(); MailboxPermissions = @(); RecipientPermissions = @()
        Policies = @(); Groups = @(); GroupMembers = @{}; Scopes = @(); RoleAssignments = @()
        Roles = @('Application SMTP.SendAsApp', 'Application Mail.Send', 'Application Mail.ReadWrite')
        IsDehydrated = $false
        Connected = @(); Connections = @(); Sessions = @(); ShowsConnections = $true; Calls = @(); Sleeps = 0; Failures = @{}
        # How Exchange Online prints a service principal, which no page documents, and whether it filters permissions by it.
        PrintsPrincipal = { param($one) "EURPR01A001\$($one.Guid)" }; FiltersPermissions = $true
        # Microsoft's servers learn late that a mailbox is a member of a group.
        InScope = { $true }
    }
    $script:Tenant
}

function Add-TenantMailbox {
    param([string[]]$Address, $SmtpAuthOff = $null, [bool]$Imap = $false, [bool]$Pop = $false, [string]$Kind = 'UserMailbox', $Policy = $null)
    foreach ($one in $Address) {
        $script:Tenant.Mailboxes += [pscustomobject]@{
            Guid = New-Id; Name = $one; PrimarySmtpAddress = $one; EmailAddresses = @($one)
            SmtpClientAuthenticationDisabled = $SmtpAuthOff; ImapEnabled = $Imap; PopEnabled = $Pop
            RecipientTypeDetails = $Kind; UserPrincipalName = $one; AuthenticationPolicy = $Policy.DistinguishedName; AccountDisabled = $false
        }
    }
}

# Lets a cmdlet fail: -Times of its next calls, or always; -When chooses calls by their parameters.
function Set-Failure {
    param([string]$Cmdlet, [string]$Message = 'Service unavailable (503)', [int]$Times = [int]::MaxValue, [scriptblock]$When = { $true })
    $script:Tenant.Failures[$Cmdlet] = @{ Message = $Message; Times = $Times; When = $When }
}

# What the tenant has, without what only the stand-in notes: equal texts are equal tenants.
function Get-TenantState {
    $state = [ordered]@{}
    foreach ($key in 'Applications', 'Principals', 'AppRoleAssignments', 'ExchangePrincipals', 'Mailboxes', 'MailboxPermissions', 'RecipientPermissions', 'Policies', 'Groups', 'GroupMembers', 'Scopes', 'RoleAssignments') {
        $state[$key] = $script:Tenant[$key]
    }
    $state | ConvertTo-Json -Depth 8
}

function Get-Calls { param([string]$Pattern) @($script:Tenant.Calls | Where-Object { $_.Cmdlet -like $Pattern }) }

function Find-StandInMailbox {
    param($Identity)
    $found = @($script:Tenant.Mailboxes | Where-Object { $_.EmailAddresses -contains "$Identity" -or $_.Guid -eq "$Identity" -or $_.Name -eq "$Identity" })
    if ($found.Count -eq 0) { throw "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The operation couldn't be performed because object '$Identity' couldn't be found on 'DC1'." }
    $found
}

# The entries of a mailbox as Exchange Online prints them. Each mailbox has one of its own.
function Get-StandInPermission {
    param($Permissions, [string]$Column, [string]$Identity, [string]$Wanted)
    $mailboxes = if ($Identity) { @(Find-StandInMailbox $Identity) } else { $t.Mailboxes }
    $principal = $t.ExchangePrincipals | Where-Object { $_.ObjectId -eq $Wanted }
    if ($Wanted -and -not $principal -and $t.FiltersPermissions) { throw "The user or group '$Wanted' couldn't be found." }
    foreach ($mailbox in $mailboxes) {
        if (-not $Wanted -or -not $t.FiltersPermissions) {
            [pscustomobject]@{ Identity = $mailbox.Name; $Column = 'NT AUTHORITY\SELF'; AccessRights = @('FullAccess', 'ReadPermission', 'SendAs'); Deny = $false }
        }
        foreach ($one in @($Permissions | Where-Object { $_.Mailbox -eq $mailbox.Guid })) {
            if ($Wanted -and $t.FiltersPermissions -and $one.$Column -ne $Wanted) { continue }
            $owner = $t.ExchangePrincipals | Where-Object { $_.ObjectId -eq $one.$Column }
            $printed = if ($owner) { & $t.PrintsPrincipal $owner } else { $one.$Column }
            [pscustomobject]@{ Identity = $mailbox.Name; $Column = $printed; AccessRights = $one.AccessRights; Deny = $false }
        }
    }
}

function Select-ByFilter {
    param($Objects, [string]$Filter)
    if ($Filter -notmatch "^(\w+) eq '(.*)'$") { throw "Invalid filter clause: $Filter (400)" }
    $property = $Matches[1]; $value = $Matches[2].Replace("''", "'")
    @($Objects | Where-Object { $_.$property -eq $value })
}

function Find-StandInApplication {
    param($Id)
    $found = @($script:Tenant.Applications | Where-Object { $_.Id -eq $Id })
    if ($found.Count -eq 0) { throw "[Request_ResourceNotFound] : Resource '$Id' does not exist or one of its queried reference-property objects are not present." }
    $found[0]
}

$script:Behaviours = @{
    'Connect-MgGraph' = { param($p) $t.Connected += 'Graph'; $t.Connections += , $p }
    'Disconnect-MgGraph' = { param($p) $t.Connected = @($t.Connected | Where-Object { $_ -ne 'Graph' }) }
    'Get-MgContext' = { param($p) if ($t.Connected -contains 'Graph') { [pscustomobject]@{ TenantId = $t.Id; Account = $t.Account } } }
    'Get-MgApplication' = { param($p)
        # Only the properties that the script asks for.
        if ($p.ApplicationId) { return Find-StandInApplication $p.ApplicationId | Select-Object -Property ($p.Property -split ',') }
        # As Microsoft says, a list lacks the keys of the certificates.
        Select-ByFilter $t.Applications $p.Filter | Select-Object Id, AppId, DisplayName
    }
    'New-MgApplication' = { param($p)
        $made = [pscustomobject]@{
            Id = New-Id; AppId = New-Id; DisplayName = $p.DisplayName; SignInAudience = $p.SignInAudience; IsFallbackPublicClient = [bool]$p.IsFallbackPublicClient
            PublicClient = [pscustomobject]@{ RedirectUris = @() }; KeyCredentials = @($p.KeyCredentials | Where-Object { $_ } | ForEach-Object { [pscustomobject]$_ })
            PasswordCredentials = @(); RequiredResourceAccess = @(); Notes = $p.Notes
        }
        $t.Applications += $made
        $t.Owners[$made.Id] = @($t.Account)
        $made
    }
    'Update-MgApplication' = { param($p)
        $found = Find-StandInApplication $p.ApplicationId
        if ($p.ContainsKey('KeyCredentials')) { $found.KeyCredentials = @($p.KeyCredentials | ForEach-Object { [pscustomobject]$_ }) }
        if ($p.ContainsKey('RequiredResourceAccess')) { $found.RequiredResourceAccess = @($p.RequiredResourceAccess | ForEach-Object { [pscustomobject]@{ ResourceAppId = $_.ResourceAppId; ResourceAccess = @($_.ResourceAccess | ForEach-Object { [pscustomobject]$_ }) } }) }
        if ($p.ContainsKey('IsFallbackPublicClient')) { $found.IsFallbackPublicClient = [bool]$p.IsFallbackPublicClient }
        if ($p.ContainsKey('PublicClient')) { $found.PublicClient = [pscustomobject]$p.PublicClient }
    }
    'Remove-MgApplication' = { param($p)
        $found = Find-StandInApplication $p.ApplicationId
        $t.Applications = @($t.Applications | Where-Object { $_.Id -ne $found.Id })
        $gone = @($t.Principals | Where-Object { $_.AppId -eq $found.AppId } | ForEach-Object { $_.Id })
        $t.Principals = @($t.Principals | Where-Object { $gone -notcontains $_.Id })
        $t.AppRoleAssignments = @($t.AppRoleAssignments | Where-Object { $gone -notcontains $_.PrincipalId })
    }
    'Get-MgApplicationOwner' = { param($p) @($t.Owners[$p.ApplicationId] | Where-Object { $_ } | ForEach-Object { [pscustomobject]@{ Id = New-Id; AdditionalProperties = @{ userPrincipalName = $_ } } }) }
    'Add-MgApplicationPassword' = { param($p)
        $found = Find-StandInApplication $p.ApplicationId
        $made = [pscustomobject]@{ KeyId = New-Id; DisplayName = $p.PasswordCredential.DisplayName; EndDateTime = $p.PasswordCredential.EndDateTime; SecretText = 'S3cret~Text' }
        $found.PasswordCredentials += $made
        $made
    }
    'Get-MgApplicationFederatedIdentityCredential' = { param($p) (Find-StandInApplication $p.ApplicationId).FederatedIdentityCredentials }
    'Get-MgServicePrincipal' = { param($p)
        if ($p.ServicePrincipalId) { return $t.Principals | Where-Object { $_.Id -eq $p.ServicePrincipalId } | Select-Object -Property ($p.Property -split ',') }
        Select-ByFilter $t.Principals $p.Filter
    }
    'Get-MgServicePrincipalOwner' = { param($p) @($t.Owners[$p.ServicePrincipalId] | Where-Object { $_ } | ForEach-Object { [pscustomobject]@{ Id = New-Id; AdditionalProperties = @{ userPrincipalName = $_ } } }) }
    'New-MgServicePrincipal' = { param($p)
        $made = [pscustomobject]@{ Id = New-Id; AppId = $p.AppId; DisplayName = 'x' }
        $t.Principals += $made
        $made
    }
    'Get-MgServicePrincipalAppRoleAssignment' = { param($p) @($t.AppRoleAssignments | Where-Object { $_.PrincipalId -eq $p.ServicePrincipalId }) }
    'New-MgServicePrincipalAppRoleAssignment' = { param($p) $t.AppRoleAssignments += [pscustomobject]@{ Id = New-Id; PrincipalId = $p.PrincipalId; ResourceId = $p.ResourceId; AppRoleId = $p.AppRoleId } }
    'Remove-MgServicePrincipalAppRoleAssignment' = { param($p) $t.AppRoleAssignments = @($t.AppRoleAssignments | Where-Object { $_.Id -ne $p.AppRoleAssignmentId }) }
    'Connect-ExchangeOnline' = { param($p) $t.Connected += 'Exchange'; $t.Connections += , $p; $t.Sessions += [pscustomobject]@{ ConnectionId = New-Id; TenantID = $t.Id; UserPrincipalName = $t.Account } }
    'Disconnect-ExchangeOnline' = { param($p)
        $t.Sessions = @($t.Sessions | Where-Object { $p.ConnectionId -and $p.ConnectionId -notcontains $_.ConnectionId })
        $t.Connected = @($t.Connected | Where-Object { $_ -ne 'Exchange' }) + @($t.Sessions | ForEach-Object { 'Exchange' })
    }
    'Get-ConnectionInformation' = { param($p) if ($t.ShowsConnections) { $t.Sessions } }
    'Get-OrganizationConfig' = { param($p) [pscustomobject]@{ Name = $t.Domain; IsDehydrated = $t.IsDehydrated } }
    'Enable-OrganizationCustomization' = { param($p) $t.IsDehydrated = $false }
    'Get-ServicePrincipal' = { param($p) $t.ExchangePrincipals }
    'New-ServicePrincipal' = { param($p) $t.ExchangePrincipals += [pscustomobject]@{ AppId = $p.AppId; ObjectId = $p.ObjectId; DisplayName = $p.DisplayName; Guid = New-Id; Sid = "S-1-5-21-$(Get-Random)" } }
    'Remove-ServicePrincipal' = { param($p) $t.ExchangePrincipals = @($t.ExchangePrincipals | Where-Object { $_.ObjectId -ne $p.Identity }) }
    'Get-Mailbox' = { param($p) Find-StandInMailbox $p.Identity }
    'Get-CASMailbox' = { param($p) Find-StandInMailbox $p.Identity }
    'Set-CASMailbox' = { param($p)
        $mailbox = Find-StandInMailbox $p.Identity
        foreach ($name in 'SmtpClientAuthenticationDisabled', 'ImapEnabled', 'PopEnabled') {
            if ($p.ContainsKey($name)) { $mailbox.$name = $p[$name] }
        }
    }
    # Set-User and Get-User name an account by the GUID of its mailbox. The policy is printed as a distinguished name.
    'Get-User' = { param($p)
        if (-not $p.Filter) { return Find-StandInMailbox $p.Identity }
        if ($p.Filter -notmatch "^AuthenticationPolicy -eq '(.*)'$") { throw "Invalid filter: $($p.Filter)" }
        $wanted = $Matches[1].Replace("''", "'")
        $t.Mailboxes | Where-Object { $_.AuthenticationPolicy -eq $wanted }
    }
    'Set-User' = { param($p)
        $policy = $t.Policies | Where-Object { $p.AuthenticationPolicy -in $_.Name, $_.Guid, $_.DistinguishedName }
        if ($p.AuthenticationPolicy -and -not $policy) { throw "The authentication policy '$($p.AuthenticationPolicy)' couldn't be found." }
        (Find-StandInMailbox $p.Identity).AuthenticationPolicy = $policy.DistinguishedName
    }
    'Set-Mailbox' = { param($p) (Find-StandInMailbox $p.Identity).AccountDisabled = $p.AccountDisabled }
    'Get-AuthenticationPolicy' = { param($p) $t.Policies }
    'New-AuthenticationPolicy' = { param($p)
        if ($t.IsDehydrated) { throw 'Run Enable-OrganizationCustomization first.' }
        $made = [pscustomobject]@{ Name = $p.Name; Guid = New-Id; DistinguishedName = "CN=$($p.Name),CN=Auth Policies,CN=Configuration,$($t.Domain)" }
        $t.Policies += $made
        $made
    }
    'Remove-AuthenticationPolicy' = { param($p)
        $gone = $t.Policies | Where-Object { $_.Guid -eq $p.Identity }
        if (@($t.Mailboxes | Where-Object { $_.AuthenticationPolicy -eq $gone.DistinguishedName }).Count -gt 0) { throw 'The policy is in use.' }
        $t.Policies = @($t.Policies | Where-Object { $_.Guid -ne $gone.Guid })
    }
    'Get-MailboxPermission' = { param($p) Get-StandInPermission $t.MailboxPermissions 'User' $p.Identity $p.User }
    'Add-MailboxPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.MailboxPermissions += [pscustomobject]@{ Mailbox = $mailbox.Guid; User = $p.User; AccessRights = @($p.AccessRights); Deny = $false } }
    'Remove-MailboxPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.MailboxPermissions = @($t.MailboxPermissions | Where-Object { $_.Mailbox -ne $mailbox.Guid -or $_.User -ne $p.User }) }
    'Get-RecipientPermission' = { param($p) Get-StandInPermission $t.RecipientPermissions 'Trustee' $p.Identity $p.Trustee }
    'Add-RecipientPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.RecipientPermissions += [pscustomobject]@{ Mailbox = $mailbox.Guid; Trustee = $p.Trustee; AccessRights = @($p.AccessRights) } }
    'Remove-RecipientPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.RecipientPermissions = @($t.RecipientPermissions | Where-Object { $_.Mailbox -ne $mailbox.Guid -or $_.Trustee -ne $p.Trustee }) }
    'Get-ManagementRole' = { param($p) $t.Roles | ForEach-Object { [pscustomobject]@{ Name = $_ } } }
    'Get-DistributionGroup' = { param($p) if ($p.Filter -notmatch "^Name -eq '(.*)'`$") { throw "Invalid filter: $($p.Filter)" }; $wanted = $Matches[1].Replace("''", "'"); $t.Groups | Where-Object { $_.Name -eq $wanted } | Select-Object -Property * -ExcludeProperty Notes }
    # A name that does not exist returns all groups, as Microsoft says. Only this cmdlet returns the notes.
    'Get-Group' = { param($p) $found = @($t.Groups | Where-Object { $_.Guid -eq $p.Identity -or $_.Name -eq $p.Identity }); if ($found.Count -gt 0) { $found } else { $t.Groups } }
    'New-DistributionGroup' = { param($p)
        if ($t.IsDehydrated) { throw 'This operation is not available: run Enable-OrganizationCustomization first.' }
        $made = [pscustomobject]@{ Name = $p.Name; Guid = New-Id; DistinguishedName = "CN=$($p.Name),OU=$($t.Domain),OU=Microsoft Exchange Hosted Organizations,DC=EURPR01A001"; Notes = $p.Notes; RecipientTypeDetails = $(if ($p.Type -eq 'Security') { 'MailUniversalSecurityGroup' } else { 'MailUniversalDistributionGroup' }) }
        $t.Groups += $made
        $t.GroupMembers[$made.Guid] = @()
        $made
    }
    'Remove-DistributionGroup' = { param($p) $t.Groups = @($t.Groups | Where-Object { $_.Guid -ne $p.Identity }); $t.GroupMembers.Remove($p.Identity) }
    'Get-DistributionGroupMember' = { param($p) $guids = $t.GroupMembers[$p.Identity]; $t.Mailboxes | Where-Object { $guids -contains $_.Guid } }
    'Add-DistributionGroupMember' = { param($p)
        if (-not $p.BypassSecurityGroupManagerCheck) { throw "You don't have sufficient permissions. This operation can only be performed by a manager of the group." }
        $t.GroupMembers[$p.Identity] += (Find-StandInMailbox $p.Member).Guid
    }
    'Remove-DistributionGroupMember' = { param($p) $guid = (Find-StandInMailbox $p.Member).Guid; $t.GroupMembers[$p.Identity] = @($t.GroupMembers[$p.Identity] | Where-Object { $_ -ne $guid }) }
    'Get-ManagementScope' = { param($p) $t.Scopes }
    'New-ManagementScope' = { param($p) if ($t.IsDehydrated) { throw 'Run Enable-OrganizationCustomization first.' }; $t.Scopes += [pscustomobject]@{ Name = $p.Name; RecipientFilter = $p.RecipientRestrictionFilter } }
    'Set-ManagementScope' = { param($p) (@($t.Scopes | Where-Object { $_.Name -eq $p.Identity })[0]).RecipientFilter = $p.RecipientRestrictionFilter }
    'Remove-ManagementScope' = { param($p)
        if (@($t.RoleAssignments | Where-Object { $_.CustomResourceScope -eq $p.Identity }).Count -gt 0) { throw "You can't remove a management scope if it's associated with a management role assignment." }
        $t.Scopes = @($t.Scopes | Where-Object { $_.Name -ne $p.Identity })
    }
    # Returns each assignment, whatever the script asks for. The names of the properties: Microsoft365DSC, MSFT_EXOManagementRoleAssignment.
    'Get-ManagementRoleAssignment' = { param($p)
        foreach ($one in $t.RoleAssignments) {
            $principal = $t.ExchangePrincipals | Where-Object { $_.ObjectId -eq $one.App }
            [pscustomobject]@{ Name = $one.Name; Role = $one.Role; RoleAssignee = $one.App; RoleAssigneeName = "$($principal.DisplayName)"; RoleAssigneeType = 'ServicePrincipal'; CustomResourceScope = $one.CustomResourceScope }
        }
    }
    'New-ManagementRoleAssignment' = { param($p)
        if (@($t.ExchangePrincipals | Where-Object { $_.ObjectId -eq $p.App }).Count -eq 0) { throw "The service principal '$($p.App)' couldn't be found." }
        if ($t.Roles -notcontains $p.Role) { throw "The role '$($p.Role)' couldn't be found." }
        if (@($t.RoleAssignments | Where-Object { $_.Name -eq $p.Name }).Count -gt 0) { throw "The role assignment '$($p.Name)' already exists." }
        $t.RoleAssignments += [pscustomobject]@{ Name = $p.Name; Role = $p.Role; App = $p.App; CustomResourceScope = $p.CustomResourceScope }
    }
    'Remove-ManagementRoleAssignment' = { param($p) $t.RoleAssignments = @($t.RoleAssignments | Where-Object { $_.Name -ne $p.Identity }) }
    'Test-ServicePrincipalAuthorization' = { param($p) $t.RoleAssignments | Where-Object { $_.App -eq $p.Identity } | ForEach-Object { [pscustomobject]@{ RoleName = $_.Role; AllowedResourceScope = $_.CustomResourceScope; InScope = "$(& $t.InScope $p.Resource)" } } }
}

# Is called by the functions of the modules.
function Invoke-StandIn {
    param([string]$Cmdlet, $Bound)
    $t = $script:Tenant
    $t.Calls += [pscustomobject]@{ Cmdlet = $Cmdlet; Parameters = $Bound }
    $failure = $t.Failures[$Cmdlet]
    if ($failure -and $failure.Times -gt 0 -and (& $failure.When $Bound)) {
        $failure.Times--
        throw $failure.Message
    }
    if ($Cmdlet -match '-Mg' -and $Cmdlet -notmatch '-Mg(Graph|Context)$' -and $t.Connected -notcontains 'Graph') { throw 'Authentication needed. Please call Connect-MgGraph.' }
    & $script:Behaviours[$Cmdlet] $Bound
}

function Add-Sleep { $script:Tenant.Sleeps++ }

Export-ModuleMember -Function New-StandInModules, New-Tenant, Add-TenantMailbox, Set-Failure, Get-TenantState, Get-Calls, Invoke-StandIn, Add-Sleep, Write-TenantScript
