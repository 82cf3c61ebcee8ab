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
        Groups = @(); GroupMembers = @{}; Scopes = @(); RoleAssignments = @()
        Roles = @('Application SMTP.SendAsApp', 'Application Mail.Send', 'Application Mail.ReadWrite')
        IsDehydrated = $false
        Connected = @(); Connections = @(); Calls = @(); Sleeps = 0; Failures = @{}
    }
    $script:Tenant
}

function Add-TenantMailbox {
    param([string[]]$Address, $SmtpAuthOff = $null, [bool]$Imap = $false, [bool]$Pop = $false)
    foreach ($one in $Address) {
        $script:Tenant.Mailboxes += [pscustomobject]@{
            Guid = New-Id; Name = $one; PrimarySmtpAddress = $one; EmailAddresses = @($one)
            SmtpClientAuthenticationDisabled = $SmtpAuthOff; ImapEnabled = $Imap; PopEnabled = $Pop
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
    foreach ($key in 'Applications', 'Principals', 'AppRoleAssignments', 'ExchangePrincipals', 'Mailboxes', 'MailboxPermissions', 'RecipientPermissions', 'Groups', 'GroupMembers', 'Scopes', 'RoleAssignments') {
        $state[$key] = $script:Tenant[$key]
    }
    $state | ConvertTo-Json -Depth 8
}

function Get-Calls { param([string]$Pattern) @($script:Tenant.Calls | Where-Object { $_.Cmdlet -like $Pattern }) }

function Find-StandInMailbox {
    param($Identity)
    $found = @($script:Tenant.Mailboxes | Where-Object { $_.EmailAddresses -contains "$Identity" -or $_.Guid -eq "$Identity" })
    if ($found.Count -eq 0) { throw "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The operation couldn't be performed because object '$Identity' couldn't be found on 'DC1'." }
    $found[0]
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
    'Get-MgContext' = { param($p) [pscustomobject]@{ TenantId = $t.Id; Account = $t.Account } }
    'Get-MgApplication' = { param($p)
        if ($p.ApplicationId) { return Find-StandInApplication $p.ApplicationId }
        # As Microsoft says, a list lacks the keys of the certificates.
        Select-ByFilter $t.Applications $p.Filter | Select-Object Id, AppId, DisplayName
    }
    'New-MgApplication' = { param($p)
        $made = [pscustomobject]@{
            Id = New-Id; AppId = New-Id; DisplayName = $p.DisplayName; SignInAudience = $p.SignInAudience; IsFallbackPublicClient = [bool]$p.IsFallbackPublicClient
            PublicClient = [pscustomobject]@{ RedirectUris = @() }; KeyCredentials = @($p.KeyCredentials | Where-Object { $_ } | ForEach-Object { [pscustomobject]$_ })
            PasswordCredentials = @(); RequiredResourceAccess = @()
        }
        $t.Applications += $made
        $made
    }
    'Update-MgApplication' = { param($p)
        $found = Find-StandInApplication $p.ApplicationId
        if ($p.ContainsKey('KeyCredentials')) { $found.KeyCredentials = @($p.KeyCredentials | ForEach-Object { [pscustomobject]$_ }) }
        if ($p.ContainsKey('RequiredResourceAccess')) { $found.RequiredResourceAccess = @($p.RequiredResourceAccess | ForEach-Object { [pscustomobject]@{ ResourceAppId = $_.ResourceAppId; ResourceAccess = @($_.ResourceAccess | ForEach-Object { [pscustomobject]$_ }) } }) }
        if ($p.ContainsKey('IsFallbackPublicClient')) { $found.IsFallbackPublicClient = $true }
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
        $made = [pscustomobject]@{ DisplayName = $p.PasswordCredential.DisplayName; EndDateTime = $p.PasswordCredential.EndDateTime; SecretText = 'S3cret~Text' }
        $found.PasswordCredentials += $made
        $made
    }
    'Get-MgServicePrincipal' = { param($p) Select-ByFilter $t.Principals $p.Filter }
    'New-MgServicePrincipal' = { param($p)
        $made = [pscustomobject]@{ Id = New-Id; AppId = $p.AppId; DisplayName = 'x' }
        $t.Principals += $made
        $made
    }
    'Get-MgServicePrincipalAppRoleAssignment' = { param($p) @($t.AppRoleAssignments | Where-Object { $_.PrincipalId -eq $p.ServicePrincipalId }) }
    'New-MgServicePrincipalAppRoleAssignment' = { param($p) $t.AppRoleAssignments += [pscustomobject]@{ PrincipalId = $p.PrincipalId; ResourceId = $p.ResourceId; AppRoleId = $p.AppRoleId } }
    'Connect-ExchangeOnline' = { param($p) $t.Connected += 'Exchange'; $t.Connections += , $p }
    'Disconnect-ExchangeOnline' = { param($p) $t.Connected = @($t.Connected | Where-Object { $_ -ne 'Exchange' }) }
    'Get-ConnectionInformation' = { param($p) if ($t.Connected -contains 'Exchange') { [pscustomobject]@{ TenantID = $t.Id; UserPrincipalName = $t.Account } } }
    'Get-OrganizationConfig' = { param($p) [pscustomobject]@{ Name = $t.Domain; IsDehydrated = $t.IsDehydrated } }
    'Enable-OrganizationCustomization' = { param($p) $t.IsDehydrated = $false }
    'Get-ServicePrincipal' = { param($p) $t.ExchangePrincipals }
    'New-ServicePrincipal' = { param($p) $t.ExchangePrincipals += [pscustomobject]@{ AppId = $p.AppId; ObjectId = $p.ObjectId; DisplayName = $p.DisplayName } }
    'Remove-ServicePrincipal' = { param($p) $t.ExchangePrincipals = @($t.ExchangePrincipals | Where-Object { $_.ObjectId -ne $p.Identity }) }
    'Get-Mailbox' = { param($p) Find-StandInMailbox $p.Identity }
    'Get-CASMailbox' = { param($p) Find-StandInMailbox $p.Identity }
    'Set-CASMailbox' = { param($p)
        $mailbox = Find-StandInMailbox $p.Identity
        foreach ($name in 'SmtpClientAuthenticationDisabled', 'ImapEnabled', 'PopEnabled') {
            if ($p.ContainsKey($name)) { $mailbox.$name = $p[$name] }
        }
    }
    # A trustee that does not exist is ignored, as Microsoft's pages say.
    'Get-MailboxPermission' = { param($p)
        $mailbox = Find-StandInMailbox $p.Identity
        $all = @($t.MailboxPermissions | Where-Object { $_.Mailbox -eq $mailbox.Guid })
        if (@($all | Where-Object { $_.User -eq $p.User }).Count -gt 0) { $all = @($all | Where-Object { $_.User -eq $p.User }) }
        $all
    }
    'Add-MailboxPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.MailboxPermissions += [pscustomobject]@{ Mailbox = $mailbox.Guid; User = $p.User; AccessRights = @($p.AccessRights); Deny = $false } }
    'Remove-MailboxPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.MailboxPermissions = @($t.MailboxPermissions | Where-Object { $_.Mailbox -ne $mailbox.Guid -or $_.User -ne $p.User }) }
    'Get-RecipientPermission' = { param($p)
        $mailbox = Find-StandInMailbox $p.Identity
        $all = @($t.RecipientPermissions | Where-Object { $_.Mailbox -eq $mailbox.Guid })
        if (@($all | Where-Object { $_.Trustee -eq $p.Trustee }).Count -gt 0) { $all = @($all | Where-Object { $_.Trustee -eq $p.Trustee }) }
        $all
    }
    'Add-RecipientPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.RecipientPermissions += [pscustomobject]@{ Mailbox = $mailbox.Guid; Trustee = $p.Trustee; AccessRights = @($p.AccessRights) } }
    'Remove-RecipientPermission' = { param($p) $mailbox = Find-StandInMailbox $p.Identity; $t.RecipientPermissions = @($t.RecipientPermissions | Where-Object { $_.Mailbox -ne $mailbox.Guid -or $_.Trustee -ne $p.Trustee }) }
    'Get-ManagementRole' = { param($p) $t.Roles | ForEach-Object { [pscustomobject]@{ Name = $_ } } }
    'Get-DistributionGroup' = { param($p) if ($p.Filter -notmatch "^Name -eq '(.*)'`$") { throw "Invalid filter: $($p.Filter)" }; $wanted = $Matches[1].Replace("''", "'"); $t.Groups | Where-Object { $_.Name -eq $wanted } }
    'New-DistributionGroup' = { param($p)
        if ($t.IsDehydrated) { throw 'This operation is not available: run Enable-OrganizationCustomization first.' }
        $made = [pscustomobject]@{ Name = $p.Name; Guid = New-Id; DistinguishedName = "CN=$($p.Name),OU=$($t.Domain),OU=Microsoft Exchange Hosted Organizations,DC=EURPR01A001"; GroupType = 'Universal, SecurityEnabled' }
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
    # -RoleAssignee does not find a service principal: Microsoft's page does not list it.
    'Get-ManagementRoleAssignment' = { param($p) if ($p.RoleAssignee) { return }; $t.RoleAssignments }
    'New-ManagementRoleAssignment' = { param($p)
        if (@($t.ExchangePrincipals | Where-Object { $_.ObjectId -eq $p.App }).Count -eq 0) { throw "The service principal '$($p.App)' couldn't be found." }
        if ($t.Roles -notcontains $p.Role) { throw "The role '$($p.Role)' couldn't be found." }
        if (@($t.RoleAssignments | Where-Object { $_.Name -eq $p.Name }).Count -gt 0) { throw "The role assignment '$($p.Name)' already exists." }
        $t.RoleAssignments += [pscustomobject]@{ Name = $p.Name; Role = $p.Role; App = $p.App; CustomResourceScope = $p.CustomResourceScope }
    }
    'Remove-ManagementRoleAssignment' = { param($p) $t.RoleAssignments = @($t.RoleAssignments | Where-Object { $_.Name -ne $p.Identity }) }
    'Test-ServicePrincipalAuthorization' = { param($p) $t.RoleAssignments | ForEach-Object { [pscustomobject]@{ RoleName = $_.Role; AllowedResourceScope = $_.CustomResourceScope; InScope = $true } } }
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
    if ($Cmdlet -match '-Mg' -and $Cmdlet -notmatch '-MgGraph$' -and $t.Connected -notcontains 'Graph') { throw 'Authentication needed. Please call Connect-MgGraph.' }
    & $script:Behaviours[$Cmdlet] $Bound
}

function Add-Sleep { $script:Tenant.Sleeps++ }

Export-ModuleMember -Function New-StandInModules, New-Tenant, Add-TenantMailbox, Set-Failure, Get-TenantState, Get-Calls, Invoke-StandIn, Add-Sleep
