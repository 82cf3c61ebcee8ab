# ---- All scripts have this part: settings, errors, sign-in ----

$ErrorActionPreference = 'Stop'
# Microsoft's cmdlets are functions of script modules, which do not see the line above: their errors would
# not stop the script. This default, for each command that the script calls, does.
$PSDefaultParameterValues = @{ '*:ErrorAction' = 'Stop' }
$signedIn = $false
$connectionIds = @()
$changes = 0
$failures = @()
# What the test did not show, for the last line.
$waiting = ''
$tested = ''

# Anyone who owns an application chooses names in the tenant. What does not show in them, or ends a line, could pose as a line of
# this script.
function Write-Host {
    param([string]$Text = '', [string]$ForegroundColor)
    $color = @{}
    if ($ForegroundColor) { $color.ForegroundColor = $ForegroundColor }
    Microsoft.PowerShell.Utility\Write-Host ($Text -replace '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]', '?') @color
}

# The result of a look-up; nothing if Microsoft says that the object does not exist. Any other error ends
# the script: it must not take "not allowed" for "not found".
function Find-Object {
    param([scriptblock]$LookUp)
    try {
        & $LookUp
    } catch {
        if ("$($_.Exception.Message)" -notmatch 'ObjectNotFoundException|ResourceNotFound|does not exist|couldn.t be found') { throw }
    }
}

function Show-Failure {
    param([string]$Text)
    $script:failures += $Text
    Write-Host "FAILED:        $Text" -ForegroundColor Red
}

# What Microsoft answers if the administrator lacks a role. Exchange Online then has no such cmdlet.
$NotAllowed = '\b40[13]\b|Forbidden|RequestDenied|Insufficient privileges|Access ?(is )?denied|write scopes|sufficient permissions'
$NeededRole = @{ Entra = 'Application Administrator or Privileged Role Administrator'; Exchange = 'Exchange Administrator' }

# The last line of a run.
function Show-Result {
    param([string]$Nothing, [string]$Some)
    $counted = "$changes change$(if ($changes -ne 1) { 's' })"
    Write-Host ''
    if ($failures.Count -gt 0) {
        Write-Host "$($failures.Count) failed:"
        foreach ($failure in $failures) { Write-Host "  $failure" }
        if ($failures -match "$NotAllowed|is not recognized as") { Write-Host "The part $Part needs the role $($NeededRole[$Part]). If your account lacks it, sign in with another one." }
        if ($Apply) {
            Write-Host "FAILED. $counted made. Correct the errors above, and run the same command again."
        } else {
            Write-Host 'FAILED. Nothing was changed. Correct the errors above, and run the same command again.'
        }
    } elseif ($changes -eq 0) {
        Write-Host "OK. Nothing $Nothing.$tested$waiting"
    } elseif ($Apply) {
        Write-Host "OK. $counted made.$tested$waiting"
    } else {
        Write-Host "OK. $counted $(if ($changes -eq 1) { $Some -replace '^are', 'is' } else { $Some }). Run the same command again with -Apply to make them."
    }
}

function Assert-Module {
    param([string]$Needed, [Version]$Least, [string]$Other)
    if (Get-Module -Name $Other) {
        throw "This window has loaded $Other, which conflicts with $Needed. Open a new PowerShell window, and run the script there."
    }
    $found = @(Get-Module -ListAvailable -Name $Needed | Sort-Object -Property Version -Descending)
    if ($found.Count -eq 0) {
        throw "The module $Needed is missing. Run: Install-Module $Needed -Scope CurrentUser"
    }
    if ($found[0].Version -lt $Least) {
        throw "The module $Needed has the version $($found[0].Version), and $Least is the oldest that can be used. Run: Update-Module $Needed"
    }
}

$Guid = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z'

# Another tenant than that of the settings would get the application, or the permissions.
function Assert-Tenant {
    param([string]$SignedIn)
    $wanted = @($TenantId, $(if ($Tenant -match $Guid) { $Tenant }) | Where-Object { $_ })
    foreach ($id in $wanted) {
        if ($SignedIn -ne $id) { throw "You signed in to the tenant $SignedIn, but the script is for $id. Sign in as an administrator of $Tenant." }
    }
}

# A name or an address where an ID belongs would be looked up as part of a filter.
function Assert-Ids {
    $ids = [ordered]@{ ApplicationId = $ApplicationId; ObjectId = $ObjectId; TenantId = $TenantId }
    foreach ($option in $ids.Keys) {
        $id = $ids[$option]
        if ($id -and $id -notmatch $Guid) { throw "Give -$option as tls-uplift-tenant-setup.ps1 printed it: an ID of 32 hexadecimal digits with hyphens, and not '$id'." }
    }
}

function Open-Graph {
    param([string[]]$Scopes)
    Assert-Module 'Microsoft.Graph.Applications' '2.0' 'ExchangeOnlineManagement'
    # A window has one sign-in, which the script would replace and end.
    $earlier = Get-MgContext
    if ($earlier) { throw "This window is signed in to Microsoft Graph as $($earlier.Account) already. Open a new PowerShell window, and run the script there." }
    $options = @{}
    if ($GraphClientId) { $options.ClientId = $GraphClientId }
    if ($DeviceCode) { $options.UseDeviceCode = $true }
    # The token is forgotten with this window.
    $null = Connect-MgGraph -TenantId $Tenant -Environment $GraphEnvironment -Scopes $Scopes -ContextScope Process -NoWelcome @options
    $script:signedIn = $true
    $script:context = Get-MgContext
    Assert-Tenant $context.TenantId
}

function Open-Exchange {
    Assert-Module 'ExchangeOnlineManagement' $(if ($DisableWAM) { '3.7.2' } else { '3.2' }) 'Microsoft.Graph.Authentication'
    if ($DeviceCode -and $PSVersionTable.PSVersion.Major -lt 7) { throw 'ExchangeOnlineManagement has no sign-in by code in Windows PowerShell. Run the part Exchange with -DeviceCode in PowerShell 7 (pwsh), or leave -DeviceCode out.' }
    if (-not $TenantId) { throw 'Give -TenantId, as tls-uplift-tenant-setup.ps1 printed it.' }
    $options = @{}
    if ($UserPrincipalName) { $options.UserPrincipalName = $UserPrincipalName }
    # By its ID: the organization of this ID then has to be the one that the administrator named.
    if ($DelegatedOrganization) { $options.DelegatedOrganization = $TenantId }
    if ($DeviceCode) { $options.Device = $true }
    if ($DisableWAM) { $options.DisableWAM = $true }
    $earlier = @(Get-ConnectionInformation | ForEach-Object { "$($_.ConnectionId)" })
    $null = Connect-ExchangeOnline -ExchangeEnvironmentName $ExchangeEnvironment -ShowBanner:$false @options
    $opened = @(Get-ConnectionInformation | Where-Object { $earlier -notcontains "$($_.ConnectionId)" })
    $script:connectionIds = @($opened | ForEach-Object { "$($_.ConnectionId)" })
    $script:administrators = @(@($opened | ForEach-Object { "$($_.UserPrincipalName)" }) + $UserPrincipalName | Where-Object { $_ })
    $organization = Get-OrganizationConfig
    if ($DelegatedOrganization) {
        # The connection has the ID of the partner's tenant.
        if ($DelegatedOrganization -notin $TenantId, $organization.Name) { throw "The tenant $TenantId is the organization $($organization.Name), and not $DelegatedOrganization. Compare -TenantId and -DelegatedOrganization." }
        Assert-Tenant $TenantId
    } else {
        if ($opened.Count -eq 0) { throw 'Exchange Online does not show the tenant of this connection. Close this window, and run the script in a new one.' }
        foreach ($connection in $opened) { Assert-Tenant $connection.TenantID }
    }
    return $organization
}

# Always runs, so that the window does not stay signed in after an error. Other connections of the window stay.
function Close-Session {
    try {
        if ($signedIn) { $null = Disconnect-MgGraph }
        if ($connectionIds) { Disconnect-ExchangeOnline -ConnectionId $connectionIds -Confirm:$false }
    } catch {
        Write-Host "The sign-out failed ($($_.Exception.Message)). Close this window."
    }
}

# Microsoft's pages say of several cmdlets that a name which does not exist returns all objects. So the
# script looks for the name itself.
function Select-Named {
    param([string]$Wanted)
    process { if ($_.Name -eq $Wanted) { $_ } }
}

# ---- Changes ----

# How often a change is tried.
$tries = 1

function Invoke-Change {
    param([string]$What, [scriptblock]$Action, [int]$Tries = $script:tries, [scriptblock]$Find = { $null })
    if (-not $Apply) {
        $script:changes++
        Write-Host "would change:  $What"
        return
    }
    for ($try = 1; ; $try++) {
        try {
            # The reply to a request that succeeded can be lost.
            $result = if ($try -gt 1) { & $Find }
            if (-not $result) { $result = & $Action }
            $script:changes++
            Write-Host "changed:       $What"
            return $result
        } catch {
            if ($try -ge $Tries -or (Test-NotAllowed $_)) { throw "$What`: $($_.Exception.Message)$(Format-Policy $_)" }
            Write-Host "not yet:       $What ($($_.Exception.Message)); trying again in 10 seconds"
            Start-Sleep -Seconds 10
        }
    }
}

# Whether waiting cannot help: the administrator lacks a role, or a policy of the tenant forbids it.
function Test-NotAllowed {
    param($Failure)
    "$($Failure.Exception.Message)" -match "$NotAllowed|AppPolicy|not.allowed"
}

# What to do if a policy of the tenant refuses a credential, by the end of Microsoft's message.
function Format-Policy {
    param($Failure)
    $text = "$($Failure.Exception.Message)"
    if ($text -notmatch 'AsPerAppPolicy|as per assigned policy') { return '' }
    $remedy = if ($text -match 'lifetime') {
        "It allows less time than until $CertificateEnd. The network engineer makes a certificate for less time, or an administrator exempts the application"
    } elseif ($NewSecret) {
        'It allows no client secret. The network engineer runs tls-uplift tenant setup without --client-secret, so that the application gets a certificate'
    } else {
        'It may demand a certificate of a CA. The network engineer makes one, or an administrator exempts the application'
    }
    " This is an app management policy of the tenant. $remedy. Steps: tls-uplift manual tenant-script, 'If a policy refuses the certificate'."
}

# ---- Whose it is ----

# No page of Microsoft says how Exchange Online prints a service principal. A name that another one has too proves nothing.
function Read-PrincipalNames {
    $names = { foreach ($property in 'ObjectId', 'AppId', 'Name', 'DisplayName', 'Identity', 'DistinguishedName', 'Guid', 'Sid') { "$($_.$property)" } }
    $known = @(Get-ServicePrincipal)
    $others = @($known | Where-Object { "$($_.ObjectId)" -ne $ObjectId } | ForEach-Object $names)
    $own = @($known | Where-Object { "$($_.ObjectId)" -eq $ObjectId } | ForEach-Object $names | Where-Object { $others -notcontains $_ })
    $script:principalNames = @(@($ObjectId) + $own | Where-Object { $_ })
}

function Test-Principal {
    param([string]$Printed)
    $principalNames -contains $Printed -or $principalNames -contains ($Printed -split '\\')[-1]
}

# Of the permissions that a look-up for the application returned, its own. Each mailbox has an entry for itself: only if
# this one is among them, the look-up returned all, and the printed name decides.
function Select-OwnPermission {
    param($Found)
    $all = @($Found | Where-Object { "$($_.User)$($_.Trustee)" -eq 'NT AUTHORITY\SELF' }).Count -gt 0
    @($Found | Where-Object { $_ -and -not $_.Deny -and (-not $all -or (Test-Principal "$($_.User)$($_.Trustee)")) })
}

# Office 365 Exchange Online has this application ID in every tenant.
$ExchangeOnline = '00000002-0000-0ff1-ce00-000000000000'
$SmtpRole = 'Application SMTP.SendAsApp'
# The note of an application that set-up registered.
$RegisteredNote = 'Registered by tls-uplift-tenant-setup.ps1'

# The application has the role, in this scope. The name of an assignment proves nothing.
function Select-OwnAssignment {
    param([string]$Role, [string]$Scope)
    process {
        $scopes = "$($_.CustomResourceScope)", "$($_.CustomRecipientWriteScope)"
        if ("$($_.RoleAssigneeType)" -eq 'ServicePrincipal' -and ((Test-Principal "$($_.RoleAssignee)") -or (Test-Principal "$($_.RoleAssigneeName)")) -and
            (-not $Role -or "$($_.Role)" -eq $Role) -and (-not $Scope -or $scopes -contains $Scope)) { $_ }
    }
}

function Find-Group {
    param([string]$Title)
    $escaped = $Title.Replace("'", "''")
    Get-DistributionGroup -Filter "Name -eq '$escaped'" | Select-Named $Title
}

# Whether set-up made the group for this application: its notes have the ID. Only administrators make security groups, but
# each user may make another group. Only Get-Group returns the notes.
function Test-OwnGroup {
    param($Group)
    if (Find-Record "$($Group.Guid)" "created for $ApplicationId") { return $true }
    $notes = @(Get-Group -Identity "$($Group.Guid)" | Where-Object { "$($_.Guid)" -eq "$($Group.Guid)" } | ForEach-Object { $_.Notes })
    "$($Group.RecipientTypeDetails)" -eq 'MailUniversalSecurityGroup' -and "$notes".Contains($ApplicationId)
}

# Whether the scope has the members of the group, and nothing else.
function Test-OwnScope {
    param($Scope, $Group)
    # A filter doubles the apostrophe of a name.
    $filter = "$($Scope.RecipientFilter)".Replace("''", "'")
    $name = "$($Group.DistinguishedName)"
    $at = $filter.IndexOf($name, [StringComparison]::OrdinalIgnoreCase)
    $name -and $at -ge 0 -and $filter.Remove($at, $name.Length) -match '^\W*MemberOfGroup -eq\W*$'
}

# The lists that an application has now. A change replaces the whole list, so it repeats what others added: each try reads the
# list again.
function Read-Keys {
    param($Id)
    (Get-MgApplication -ApplicationId $Id -Property 'id,keyCredentials').KeyCredentials | Where-Object { $_ }
}

# The redirect URIs, without that of set-up.
function Read-Redirects {
    param($Id)
    (Get-MgApplication -ApplicationId $Id -Property 'id,publicClient').PublicClient.RedirectUris | Where-Object { $_ -and $_ -ne 'http://localhost' }
}

# The list of API permissions, one by one.
function Read-Listed {
    param($Id)
    Split-Listed (Get-MgApplication -ApplicationId $Id -Property 'id,requiredResourceAccess').RequiredResourceAccess
}

function Split-Listed {
    param($Access)
    foreach ($one in @($Access | Where-Object { $_ })) {
        $one.ResourceAccess | Where-Object { $_ } | ForEach-Object { [pscustomobject]@{ Of = "$($one.ResourceAppId)"; Id = "$($_.Id)"; Type = $_.Type } }
    }
}

function Join-Listed {
    param($Listed)
    $Listed | Where-Object { $_ } | Group-Object -Property Of | ForEach-Object { @{ ResourceAppId = $_.Name; ResourceAccess = @($_.Group | ForEach-Object { @{ Id = $_.Id; Type = $_.Type } }) } }
}

function Test-OwnCertificate {
    param($Key)
    # A renewal keeps the certificate before this one until its end.
    $Key.Key -and (@($CertificateData) + $KnownCertificates) -contains [Convert]::ToBase64String($Key.Key)
}

# What else could sign in as the application: other certificates, client secrets, federated credentials, owners.
function Find-Others {
    param($Application)
    $Application.KeyCredentials | Where-Object { $_ -and -not (Test-OwnCertificate $_) } | ForEach-Object { "certificate '$($_.DisplayName)', until $($_.EndDateTime)" }
    $Application.PasswordCredentials | Where-Object { $_ -and -not (Find-Record $Application.AppId "secret $($_.KeyId)") } | ForEach-Object { "client secret '$($_.DisplayName)', until $($_.EndDateTime)" }
    Get-MgApplicationFederatedIdentityCredential -ApplicationId $Application.Id -All | Where-Object { $_ } | ForEach-Object { "federated credential '$($_.Name)', of $($_.Subject) at $($_.Issuer)" }
    $owners = @(Get-MgApplicationOwner -ApplicationId $Application.Id -All)
    # The enterprise application can have credentials and owners of its own. Its page in Entra does not show the credentials.
    foreach ($principal in @(Get-MgServicePrincipal -Filter "appId eq '$($Application.AppId)'")) {
        $whole = Get-MgServicePrincipal -ServicePrincipalId $principal.Id -Property 'id,keyCredentials,passwordCredentials'
        $whole.KeyCredentials | Where-Object { $_ } | ForEach-Object { "certificate of the enterprise application '$($_.DisplayName)', until $($_.EndDateTime)" }
        $whole.PasswordCredentials | Where-Object { $_ } | ForEach-Object { "client secret of the enterprise application '$($_.DisplayName)', until $($_.EndDateTime)" }
        $owners += @(Get-MgServicePrincipalOwner -ServicePrincipalId $principal.Id -All)
    }
    # The tenant calls a guest ann@partner.example: ann_partner.example#EXT#@contoso.onmicrosoft.com.
    $guest = "$($context.Account)".Replace('@', '_')
    foreach ($owner in $owners) {
        $account = "$($owner.AdditionalProperties['userPrincipalName'])"
        # The person who registers an application can become its owner.
        if (-not $account -or ($account -ne $context.Account -and ($account -replace '#EXT#@.*$') -ne $guest)) { "owner $account ($($owner.Id))" }
    }
}

# ---- State file: what set-up changed in this tenant ----

function Read-Json {
    param([string]$File, [string]$Option)
    try {
        $read = Get-Content -Raw -LiteralPath $File | ConvertFrom-Json
        if (-not $read) { throw 'it is empty' }
        $read
    } catch {
        throw "$File cannot be read ($($_.Exception.Message)). Move the file away, or give $Option."
    }
}

function Read-State {
    param([string]$Of)
    $script:stateOf = $Of
    $script:records = [ordered]@{}
    if (-not (Test-Path -LiteralPath $StateFile)) { return }
    $read = Read-Json $StateFile '-StateFile'
    if ("$($read.Tenant)" -ne $Of) { throw "$StateFile is for the tenant '$($read.Tenant)', or an earlier version wrote it; this tenant is $Of. Move the file away, or give -StateFile." }
    foreach ($record in @($read.Records | Where-Object { $_ })) { $records["$($record.Of) $($record.What)"] = $record }
}

# Without the file, undo would not know what to take back, or what it took back already: a file that cannot be written stops the
# run before its first change.
function Assert-StateFile {
    if (-not $Apply) { return }
    try {
        '' | Set-Content -LiteralPath "$StateFile.new"
        if (Test-Path -LiteralPath "$StateFile.new") { Remove-Item -LiteralPath "$StateFile.new" }
    } catch {
        $remedy = if (Test-Path -LiteralPath $StateFile) { 'Copy it to a folder that you may write to, and give -StateFile.' } else { 'Run the script in a folder that you may write to, or give -StateFile.' }
        throw "$StateFile cannot be written ($($_.Exception.Message)). $remedy"
    }
}

function Find-Record {
    param([string]$Of, [string]$What)
    $records["$Of $What"]
}

# Of: the GUID of a mailbox or of a group, or the ID of the application. A mailbox has several addresses.
function Write-Record {
    param([string]$Of, [string]$What, $Old = $null, [string]$Name = '')
    if (-not $Apply) { return }
    $records["$Of $What"] = [pscustomobject]@{ Of = $Of; What = $What; Old = $Old; Name = $Name }
    Save-State
}

function Clear-Record {
    param([string]$Of, [string]$What)
    if (-not $Apply -or -not (Find-Record $Of $What)) { return }
    $records.Remove("$Of $What")
    Save-State
}

# Exchange Online accepts any ID, and then refuses each sign-in. The part Entra noted the right one.
function Assert-ObjectId {
    $noted = Find-Record $ApplicationId 'enterprise application'
    if ($noted -and $noted.Old -ne $ObjectId) { throw "The application $ApplicationId has the object ID $($noted.Old), and -ObjectId is $ObjectId. Run tls-uplift-tenant-setup.ps1 -Part Entra again: it prints the right one." }
}

function Save-State {
    if ($records.Count -eq 0) {
        if (Test-Path -LiteralPath $StateFile) { Remove-Item -LiteralPath $StateFile }
        return
    }
    # A file that is written halfway would be of no use.
    ConvertTo-Json -InputObject @{ Tenant = $stateOf; Records = @($records.Values) } -Depth 4 | Set-Content -LiteralPath "$StateFile.new" -Encoding UTF8
    Move-Item -LiteralPath "$StateFile.new" -Destination $StateFile -Force
}

# ---- Passwords that are closed ----

$PasswordPolicy = "$Name NoPwd"

# The account of a mailbox, by the GUID of both.
function Find-User {
    param([string]$Id)
    $user = Get-User -Identity $Id | Where-Object { "$($_.Guid)" -eq $Id }
    if (-not $user) { throw "Exchange Online shows no account $Id." }
    $user
}

# No page of Microsoft says whether Exchange Online prints the name of a policy or its distinguished name.
function Test-PasswordPolicy {
    param($Printed)
    "$Printed".IndexOf($PasswordPolicy, [StringComparison]::OrdinalIgnoreCase) -ge 0
}

# The mailbox of an address. From then on, its GUID names it: an address can be an alias.
function Find-Mailbox {
    param([string]$Address)
    $known = @(Find-Object { Get-Mailbox -Identity $Address })
    if ($known.Count -gt 1) { throw "${Address}: $($known.Count) mailboxes match: $($known.PrimarySmtpAddress -join ', '). Ask the network engineer for the primary address." }
    $known
}
